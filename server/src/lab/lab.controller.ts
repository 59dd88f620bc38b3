import { Lab, LabKey } from '@hilltop/contracts';
import { Controller, Get } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { Broker } from '../links/broker.js';
import { version } from '../version.js';
import { LabAddress } from './lab-address.js';
import { LabIdentity } from './lab-identity.js';

@Controller('api/v1/lab')
export class LabController {
  constructor(
    private readonly identity: LabIdentity,
    private readonly address: LabAddress,
    private readonly broker: Broker,
  ) {}

  @Get()
  @Access('public')
  @Answer(Lab, 'What this lab is and how it is reached')
  get(): Lab {
    const { labId: id, epoch } = this.identity;
    return { id, version, epoch, urls: [...this.address.urls], mqtt: this.broker.address, agentPackage: '/agent.tgz' };
  }

  @Get('key')
  @Access('public')
  @Answer(LabKey, 'The key of the lab; an agent compares its fingerprint before it sends a secret')
  key(): LabKey {
    const { labId, publicKey, fingerprint } = this.identity;
    return { labId, publicKey, fingerprint };
  }
}
