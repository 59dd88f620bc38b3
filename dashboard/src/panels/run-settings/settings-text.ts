import type { Run } from '@hilltop/contracts';

/** Everything that must be equal for two runs to be compared, as JSON to keep or to hold against another. */
export const settingsText = ({
  id,
  recipe,
  deviceName,
  protocol,
  settings,
  environment,
  artifact,
  floor,
}: Pick<
  Run,
  'id' | 'recipe' | 'deviceName' | 'protocol' | 'settings' | 'environment' | 'artifact' | 'floor'
>): string =>
  JSON.stringify(
    { run: id, recipe, device: deviceName, protocol, settings, environment, artifact, floor },
    undefined,
    2,
  );
