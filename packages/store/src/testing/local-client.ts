import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** A client whose credentials work on emulators only. */
export function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    region: "us-east-1",
    endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
}
