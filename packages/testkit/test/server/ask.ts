import type { TokenServer } from "../../src/index.ts";

export type Form = Record<string, string>;

export async function post(
  url: string,
  form: Form,
  headers: Form = {},
): Promise<{ status: number; body: Form; response: Response }> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), headers });
  const text = await response.text();
  return { status: response.status, response, body: text ? (JSON.parse(text) as Form) : {} };
}

export const clientOf = ({ client }: TokenServer): Form => ({
  client_id: client.id,
  client_secret: client.secret,
});
export const basic = (id: string, secret: string): Form => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});
export const token = (server: TokenServer, form: Form): ReturnType<typeof post> =>
  post(server.tokenEndpoint, { ...clientOf(server), ...form });
export const refresh = (server: TokenServer, refreshToken: string): ReturnType<typeof post> =>
  token(server, { grant_type: "refresh_token", refresh_token: refreshToken });
export const resource = async (server: TokenServer, accessToken: string): Promise<number> =>
  (await fetch(server.resource, { headers: { authorization: `Bearer ${accessToken}` } })).status;
