/** What a process runs: started once, drained once. */
export interface Service {
  /** Resolves when the service does its work. */
  start(): Promise<void>;
  /** Finishes or hands back what is in flight, and releases everything, within `deadline.ms`. */
  drain(deadline: { readonly ms: number }): Promise<void>;
}
