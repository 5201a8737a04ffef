// As most would write it.
import { main } from "./app.ts";

void main();
