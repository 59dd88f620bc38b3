/** What carries messages between coordinator and agents: the embedded broker, or an outside one. */
export interface Transport {
  /** Whether whoever speaks was authenticated as that agent by us; else each message is checked against what the lab knows. */
  readonly vouches: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the message is handed on; it may still be lost. `false`: nobody to hand it to. */
  publish(agentId: string, topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean>;
  /** Ends the agent's connection now, where the broker is ours. */
  close(agentId: string): void;
  connected(agentId: string): boolean;
  /** Address the agent connects from, where the broker is ours. */
  address?(agentId: string): string | undefined;
  readonly clients: number;
}

/** What a transport tells its owner. */
export interface TransportEvents {
  message(topic: string, payload: Uint8Array): void;
  connect(agentId: string): void;
  disconnect(agentId: string): void;
  /** Something was turned away; `reason` is one of few words, it becomes a metric's label. */
  rejected(reason: string, fields: Record<string, unknown>): void;
}

/** Who may connect: resolves to the refusal's reason, or undefined when the assertion is good. */
export type AgentAuthenticator = (agentId: string, assertion: string) => Promise<string | undefined>;

/** Whether the lab still counts an agent as its own. */
export type AgentCheck = (agentId: string) => Promise<boolean>;
