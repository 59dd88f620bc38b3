import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { toLabError } from '../access/problem.filter.js';

/** A socket event that fails is answered with the code, in its own acknowledgement. */
@Catch()
@Injectable()
export class AckFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const { code, message } = toLabError(error);
    const answer: unknown = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function');
    if (typeof answer === 'function') answer({ ok: false, error: { code, message } });
  }
}
