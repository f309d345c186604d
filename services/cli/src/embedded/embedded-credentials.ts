/** The embedded AWS accepts any credentials; the SDK insists on some. */
export const embeddedCredentials = { accessKeyId: "local", secretAccessKey: "local" } as const;
