import { AuthError } from "@auth/core";

/**
 * Did a proxy answer in the service's place? Microsoft's client goes through `HTTPS_PROXY`, and takes a proxy's refusal of the
 * tunnel for the answer itself. What is behind the tunnel marks each answer with a request id, and each refusal with a code. The agent that leads through a proxy names it.
 */
export function isProxys(
  request: unknown,
  { status, marked }: { readonly status: number; readonly marked: boolean },
): boolean {
  return status !== 200 && !marked && own(own(request, "agent"), "proxy") !== undefined;
}

/** The service has seen nothing, so this says nothing about secret, role or name. */
export function proxyRefusal(
  status: number,
  { source, cause }: { readonly source: string; readonly cause?: unknown },
  whom = "the vault",
): AuthError {
  const advice =
    status === 407
      ? "the proxy wants to know who asks. Put user and password into HTTPS_PROXY: http://user:password@proxy:port"
      : "the proxy lets nothing through. Check its rules, HTTPS_PROXY and NO_PROXY";
  const text = `${source}: ${whom} cannot be reached (${status} from the proxy): ${advice}.`;
  return new AuthError("ERR_AUTH_UNREACHABLE", "network", text, { provider: source, status, cause });
}

function own(value: unknown, key: string): unknown {
  try {
    return (Object(value) as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
