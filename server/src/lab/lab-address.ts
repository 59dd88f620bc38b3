import { Injectable } from '@nestjs/common';

/** Where the lab is reached; known once its port is bound. */
@Injectable()
export class LabAddress {
  /** The first one is for this machine. */
  urls: readonly string[] = [];
}
