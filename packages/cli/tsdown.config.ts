import base from "../../tsdown.base.ts";

// Editors check the user's configuration with it.
export default { ...base, copy: ["src/config/config.schema.json"] };
