/** Ends a command that ran but leaves something undone; what that is has been printed already. */
export class SomeFailed extends Error {}
