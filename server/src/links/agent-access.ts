import { AgentId, agentChannels, agentPrefix, epochTopic, parseTopic } from '@hilltop/contracts';
import { shardOfAgent } from './agent-link.js';

/** Levels of a topic or filter; no wildcard mathematics: the first ones are compared letter by letter. */
function hasPrefix(topic: string, agentId: string, direction: 'up' | 'down'): boolean {
  const prefix = `${agentPrefix(shardOfAgent(agentId), agentId)}/${direction}`.split('/');
  const levels = topic.split('/');
  return levels.length > prefix.length && prefix.every((level, i) => levels[i] === level);
}

/** Whether an agent may publish to a topic: its own, upwards, on a channel of the contract. */
export function mayPublish(agentId: string, topic: string): boolean {
  const parts = parseTopic(topic);
  return hasPrefix(topic, agentId, 'up') && parts !== undefined && agentChannels[parts.channel].sender === 'agent';
}

/** Whether an agent may subscribe to a filter: below its own prefix, or the epoch. */
export function maySubscribe(agentId: string, filter: string): boolean {
  return filter === epochTopic || hasPrefix(filter, agentId, 'down');
}

/** Whether a message may be delivered to an agent; asked again, since a restored session skips `maySubscribe`. */
export function mayReceive(agentId: string, topic: string): boolean {
  return topic === epochTopic || hasPrefix(topic, agentId, 'down');
}

/** MQTT user name, client id and agent id are one thing. */
export function sameIdentity(clientId: string, username: string | undefined): boolean {
  return username === clientId && AgentId.safeParse(clientId).success;
}
