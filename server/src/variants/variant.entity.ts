import type {
  CompiledPlan,
  ErrorCode,
  FirmwareModel,
  MetricValues,
  Model,
  Recipe,
  Screening,
  Variant,
  VariantOrigin,
  VariantState,
} from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ModelEntity } from '../models/model.entity.js';

export type PlanError = NonNullable<Variant['planError']> & { readonly code: ErrorCode };

/**
 * A recipe applied to a model, or a model made elsewhere in its place. Two names of one resolved recipe are two variants with
 * the same artifact.
 */
@Entity('variant')
@Index('variant_model_recipe', ['modelId', 'recipeName', 'recipeId'], { unique: true })
export class VariantEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') modelId!: string;
  @ManyToOne(() => ModelEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'modelId', foreignKeyConstraintName: 'variant_model' })
  model?: ModelEntity;
  /** Made elsewhere: the name it was pushed with. */
  @Column('text') recipeName!: string;
  /** SHA-256 of the resolved recipe; made elsewhere: of the artifact. */
  @Column('text') recipeId!: string;
  /** Made elsewhere: one without steps. */
  @Column('simple-json') recipe!: Recipe;
  @Column('text', { default: 'recipe' }) origin!: VariantOrigin;
  @Column('text', { nullable: true }) description!: string | null;
  /** In which firmware it is, where it is in one: then nobody has its file, and the artifact is this. */
  @Column('simple-json', { nullable: true }) firmware!: FirmwareModel | null;
  /** Inputs and outputs under its own names, concrete; null: those of the model. */
  @Column('simple-json', { nullable: true }) interface!: Pick<Model, 'inputs' | 'outputs'> | null;
  @Index('variant_state')
  @Column('text')
  state!: VariantState;
  /** Everything the artifact's bytes depend on: the key of the cache. */
  @Index('variant_cache_key')
  @Column('text')
  cacheKey!: string;
  @Index('variant_artifact')
  @Column('text', { nullable: true })
  artifactSha256!: string | null;
  @Column('bigint', { nullable: true }) artifactBytes!: number | null;
  /** What training cost is there from the start, the rest when it is built. */
  @Column('simple-json') metrics!: MetricValues;
  @Column('simple-json', { nullable: true }) screening!: Screening | null;
  /** What it is for microcontrollers, or why it can be nothing there; both null until somebody asks. */
  @Column('simple-json', { nullable: true }) plan!: CompiledPlan | null;
  @Column('simple-json', { nullable: true }) planError!: PlanError | null;
  /** Everything that plan or refusal depend on. */
  @Index('variant_plan_key')
  @Column('text', { nullable: true })
  planKey!: string | null;
  /** The plan's name, to find it by. */
  @Index('variant_plan')
  @Column('text', { nullable: true })
  planSha256!: string | null;
  @Column('simple-json', { nullable: true }) error!: { code: string; message: string } | null;
  @Column('simple-json') steps!: Variant['steps'];
  @Column('text') createdAt!: string;
}
