import type { RecipeFile } from '@hilltop/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A recipe that a person added; those that ship with the lab are files of the compression package. */
@Entity('recipe')
export class RecipeEntity {
  @PrimaryColumn('text') name!: string;
  @Column('simple-json') file!: RecipeFile;
  @Column('text', { nullable: true }) createdBy!: string | null;
  @Column('text') createdAt!: string;
}
