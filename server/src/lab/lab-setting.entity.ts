import { Column, Entity, type EntityManager, PrimaryColumn } from 'typeorm';

/** A setting of the lab that is not the default; `value` is JSON. */
@Entity('lab_setting')
export class LabSettingEntity {
  @PrimaryColumn('text') name!: 'guests';
  @Column('text') value!: string;
}

/** Whether links let guests in; they do unless an admin switched it off. */
export async function guestsAllowed(manager: EntityManager): Promise<boolean> {
  const row = await manager.findOneBy(LabSettingEntity, { name: 'guests' });
  return row?.value !== 'false';
}
