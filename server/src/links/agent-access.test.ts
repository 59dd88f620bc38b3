import { agentPrefix, epochTopic } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mayPublish, mayReceive, maySubscribe, sameIdentity } from './agent-access.js';
import { shardOfAgent } from './agent-link.js';

const prefixOf = (id: string) => agentPrefix(shardOfAgent(id), id);
const own = prefixOf('bench-1');

describe('what an agent may do', () => {
  it.each([
    [`${own}/down/#`, true],
    [`${own}/down/+`, true],
    [`${own}/down/run.start`, true],
    [epochTopic, true],
    [own, false],
    [`${own}/down`, false],
    [`${own}/#`, false],
    [`${own}/+/run.start`, false],
    [`${own}/up/#`, false],
    [`${prefixOf('bench-2')}/down/#`, false],
    [`hilltop/v1/+/bench-1/down/#`, false],
    [`hilltop/v1/${(shardOfAgent('bench-1') + 1) % 64}/bench-1/down/#`, false],
    ['hilltop/v1/#', false],
    ['hilltop/v1/lab/#', false],
    ['hilltop/v1/lab/+', false],
    ['#', false],
    ['+/#', false],
    ['$SYS/#', false],
    [`$share/g/${own}/down/#`, false],
    [`/${own}/down/#`, false],
    [`${own}//down/#`, false],
    [`${own}/../bench-2/down/#`, false],
    ['', false],
  ])('[MQTT-5] filter %s: %s', (filter, allowed) => {
    expect(maySubscribe('bench-1', filter)).toBe(allowed);
  });

  it.each([
    [`${own}/up/hello`, true],
    [`${own}/up/journal`, true],
    [`${own}/up/gone`, true],
    [`${own}/up/unknown`, false],
    [`${own}/down/ack`, false],
    [`${own}/up/hello/x`, false],
    [`${prefixOf('bench-2')}/up/hello`, false],
    [epochTopic, false],
    ['$SYS/x', false],
    ['hilltop/v1/00/bench-1/up/hello', false],
  ])('[MQTT-5] publish %s: %s', (topic, allowed) => {
    expect(mayPublish('bench-1', topic)).toBe(allowed);
  });

  it('[MQTT-5] any filter is allowed only with the literal prefix', () => {
    const level = fc.constantFrom(
      'hilltop',
      'v1',
      String(shardOfAgent('bench-1')),
      'bench-1',
      'bench-2',
      'down',
      'up',
      '+',
      '#',
      '',
      '$share',
      'lab',
      'epoch',
      'ack',
    );
    fc.assert(
      fc.property(fc.array(level, { maxLength: 8 }), (levels) => {
        const filter = levels.join('/');
        expect(maySubscribe('bench-1', filter)).toBe(filter === epochTopic || filter.startsWith(`${own}/down/`));
        expect(mayReceive('bench-1', filter)).toBe(filter === epochTopic || filter.startsWith(`${own}/down/`));
      }),
      { numRuns: 2000 },
    );
  });

  it('[MQTT-6] user name, client id and agent id are one', () => {
    expect(sameIdentity('bench-1', 'bench-1')).toBe(true);
    expect(sameIdentity('bench-1', 'bench-2')).toBe(false);
    expect(sameIdentity('bench-1', undefined)).toBe(false);
    expect(sameIdentity('Bench/1', 'Bench/1')).toBe(false);
    expect(sameIdentity('+', '+')).toBe(false);
  });
});
