import type { Role } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('user')
export class UserEntity {
  @PrimaryColumn('text')
  id!: string;

  @Index('user_name', { unique: true })
  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  @Column('text')
  createdAt!: string;
}
