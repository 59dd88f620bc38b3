/** Channels that live and die together, as a union-find forest. */
export class ChannelClasses {
  private readonly parents: number[] = [];
  private readonly stuck: boolean[] = [];

  /** A new channel, in a class of its own. */
  make(): number {
    this.stuck.push(false);
    return this.parents.push(this.parents.length) - 1;
  }

  /** The class a channel belongs to, by the lowest channel in it. */
  root(channel: number): number {
    let at = channel;
    while (this.parents[at] !== at) {
      this.parents[at] = this.parents[this.parents[at]!]!;
      at = this.parents[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.root(a), this.root(b)];
    const [low, high] = x < y ? [x, y] : [y, x];
    if (low === high) return;
    this.parents[high] = low;
    this.stuck[low] ||= this.stuck[high]!;
  }

  /** The class must stay. */
  lock(channel: number): void {
    this.stuck[this.root(channel)] = true;
  }

  locked(channel: number): boolean {
    return this.stuck[this.root(channel)]!;
  }
}
