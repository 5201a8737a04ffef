import { mark } from "./asker-script.ts";

/** What a process needs to find this user's keychain, and a person in front of it. Nothing else is handed on (SEC-8). */
const needed: readonly string[] = `
  PATH HOME USER LOGNAME TMPDIR LD_LIBRARY_PATH __CF_USER_TEXT_ENCODING
  DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR
  XDG_DATA_HOME XDG_CONFIG_HOME XDG_CURRENT_DESKTOP XDG_SESSION_ID XDG_SESSION_TYPE
  SYSTEMROOT SYSTEMDRIVE WINDIR USERPROFILE APPDATA LOCALAPPDATA USERNAME USERDOMAIN TEMP TMP
`.split(/\s+/);

/** The language is left out on purpose: libraries then report in English, which is what their reports are told apart by. */
export function childEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  const handed = Object.entries(own).filter(([name]) => needed.includes(name.toUpperCase()));
  return {
    ...(Object.fromEntries(handed) as Record<string, string>),
    [mark]: "1",
    ...(process.versions["electron"] && { ELECTRON_RUN_AS_NODE: "1" }),
  };
}
