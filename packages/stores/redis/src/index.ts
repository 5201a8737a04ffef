export type { EncryptionOptions } from "./create-sealer.ts";
export type {
  IORedisClient,
  IORedisCluster,
  NodeRedisClient,
  NodeRedisCluster,
  RedisClient,
} from "./redis-client.ts";
export { type RedisStoreOptions, redisStore } from "./redis-store.ts";
