import type { News } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Something that was worth telling, once: `key` names the event it comes from. */
@Entity('news')
export class NewsEntity {
  @PrimaryColumn('text') id!: string;
  @Index('news_key', { unique: true })
  @Column('text')
  key!: string;
  @Column('text') at!: string;
  @Column('simple-json') news!: News;
}
