import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The answer to a request with an Idempotency-Key, kept a day. */
@Entity('idempotency')
export class IdempotencyEntity {
  /** SHA-256 over who asked, method, path and key. */
  @PrimaryColumn('text')
  key!: string;

  /** SHA-256 of the body: the same key with another body is refused. */
  @Column('text')
  requestHash!: string;

  @Column('integer')
  status!: number;

  /** JSON. */
  @Column('text')
  body!: string;

  /** Milliseconds since 1970. */
  @Index('idempotency_created')
  @Column('integer')
  createdMs!: number;
}
