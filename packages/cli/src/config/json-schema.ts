import schema from "./config.schema.json" with { type: "json" };

/**
 * The JSON Schema of the configuration file. Only this module imports the file: of one that is imported both at once and on
 * demand, the bundler makes a chunk that does not load.
 */
export const jsonSchema: object = schema;
