import "reflect-metadata"; // @peculiar/x509 asks for it
import tls from "node:tls";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate authority of a test's own, and a server certificate from it. */
export interface OwnCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const signing = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const notBefore = new Date(Date.now() - 3_600_000);
const notAfter = new Date(Date.now() + 86_400_000);

export async function certificatesFor(...names: string[]): Promise<OwnCertificates> {
  cryptoProvider.set(crypto);
  const usages: ("sign" | "verify")[] = ["sign", "verify"];
  const [root, leaf] = await Promise.all([
    crypto.subtle.generateKey(signing, true, usages),
    crypto.subtle.generateKey(signing, true, usages),
  ]);
  const common = { notBefore, notAfter, signingAlgorithm: signing } as const;
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...common,
    serialNumber: "01",
    name: "CN=test authority",
    keys: root,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const cert = await X509CertificateGenerator.create({
    ...common,
    serialNumber: "02",
    subject: "CN=localhost",
    issuer: ca.subject,
    publicKey: leaf.publicKey,
    signingKey: root.privateKey,
    extensions: [
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      new BasicConstraintsExtension(false, undefined, true),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", leaf.privateKey)).toString("base64");
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
  return { ca: ca.toString("pem"), cert: cert.toString("pem"), key };
}

/** This process trusts `ca` besides what it trusted before: verification stays on. Returns the way back. */
export function trust(ca: string): () => void {
  const before = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...before, ca]);
  return () => tls.setDefaultCACertificates(before);
}
