import { Module } from '@nestjs/common';
import { LabModule } from '../lab/lab.module.js';
import { TokenModule } from '../tokens/token.module.js';
import { UserModule } from '../users/user.module.js';
import { SessionController } from './session.controller.js';
import { SessionService } from './session.service.js';

@Module({
  imports: [LabModule, TokenModule, UserModule],
  controllers: [SessionController],
  providers: [SessionService],
  exports: [SessionService],
})
export class SessionModule {}
