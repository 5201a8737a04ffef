// With the native module named by the app itself, so that it is within the bundler's sight.
import keyring from "@napi-rs/keyring";
import { main } from "./app.ts";

void main(keyring);
