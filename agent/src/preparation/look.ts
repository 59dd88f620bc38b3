import { boardFamily } from '../sensors/board.js';
import { parseNvpmodel } from '../sensors/nvpmodel.js';
import type { Surroundings } from '../sensors/sensor-source.js';
import { namesIn, openFailure, readFile } from '../sensors/sysfs.js';
import type { FanSetting, GovernorSetting, Setting, Settings } from './plan.js';

/** What of this machine can be set, with what it says now. Reads only. */
export async function lookAtSettings({ root, run }: Pick<Surroundings, 'root' | 'run'>): Promise<Settings> {
  const mode = boardFamily(root) === 'jetson' ? parseNvpmodel(await run('nvpmodel', ['-q'])) : undefined;
  return {
    ...(mode && { powerMode: mode.id }),
    governors: governors(root),
    fans: [...hwmonFans(root), ...jetpack4Fan(root)],
  };
}

function setting(root: string, path: string): Setting | undefined {
  const now = readFile(root, path)?.trim();
  return now ? { path, now, writable: openFailure(root, path, 'r+') === undefined } : undefined;
}

/** One for each policy: cores of one policy share their governor. Offline ones have none. */
export function governors(root: string): GovernorSetting[] {
  const cpus = 'sys/devices/system/cpu';
  const policies = namesIn(root, `${cpus}/cpufreq`).filter((name) => /^policy\d+$/.test(name));
  const folders =
    policies.length > 0
      ? policies.map((name) => `${cpus}/cpufreq/${name}`)
      : namesIn(root, cpus)
          .filter((name) => /^cpu\d+$/.test(name))
          .map((name) => `${cpus}/${name}/cpufreq`);
  return folders.flatMap((folder) => {
    const found = setting(root, `${folder}/scaling_governor`);
    const available =
      readFile(root, `${folder}/scaling_available_governors`)?.trim().split(/\s+/).filter(Boolean) ?? [];
    return found ? [{ ...found, available }] : [];
  });
}

/** `pwmN`, 0..255, and `pwmN_enable`: 1 is by hand, 2 and more a regulator, 0 full speed (kernel's hwmon/sysfs-interface). */
function hwmonFans(root: string): FanSetting[] {
  return namesIn(root, 'sys/class/hwmon').flatMap((chip) =>
    namesIn(root, `sys/class/hwmon/${chip}`)
      .filter((name) => /^pwm\d+$/.test(name))
      .flatMap((name) => fan(root, `sys/class/hwmon/${chip}/${name}`, `sys/class/hwmon/${chip}/${name}_enable`, '1')),
  );
}

/** JetPack 4 has its fan outside hwmon: `target_pwm`, and `temp_control` 1 while the kernel regulates. */
function jetpack4Fan(root: string): FanSetting[] {
  return fan(root, 'sys/devices/pwm-fan/target_pwm', 'sys/devices/pwm-fan/temp_control', '0');
}

function fan(root: string, path: string, regulatorPath: string, manual: string): FanSetting[] {
  const found = setting(root, path);
  const regulator = setting(root, regulatorPath);
  return found ? [{ ...found, ...(regulator && { regulator: { ...regulator, manual } }) }] : [];
}
