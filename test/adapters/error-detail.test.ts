import { describe, expect, it } from '@jest/globals';
import { detailOf } from '../../lambda/adapters/error-detail';

describe('detail of an exception', () => {
  it('is its message', () => {
    expect(detailOf(new Error('connect ECONNREFUSED 127.0.0.1:1'))).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  it('is the reason of OpenSSL, without addresses in memory', () => {
    const error = Object.assign(new Error('40B7:error:0A000410:SSL routines:ssl3_read_bytes:…'), {
      reason: 'sslv3 alert handshake failure',
    });
    expect(detailOf(error)).toBe('sslv3 alert handshake failure');
  });

  it('has the message of each address that was tried', () => {
    const errors = [new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')];
    expect(detailOf(new AggregateError(errors))).toBe(
      'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    );
  });

  it('is the message of the cause if the error has none', () => {
    expect(detailOf(new Error('', { cause: new Error('other side closed') }))).toBe('other side closed');
  });

  it('is empty if there is no message, or none that is a text', () => {
    expect(detailOf(new Error(''))).toBe('');
    expect(detailOf(undefined)).toBe('');
    expect(detailOf({ message: 'x' })).toBe('');
    expect(detailOf(Object.assign(new Error('x'), { message: { x: '1' } }))).toBe('');
  });

  it('is one line in which nothing steers a terminal', () => {
    expect(detailOf(new Error('a\n  b\u001b[31m \u202ec'))).toBe(String.raw`a b\u{1b}[31m \u{202e}c`);
  });

  it('has at most 500 characters, and retains the end, where AWS gives the reason', () => {
    const message = `User: ${'x'.repeat(600)} with an explicit deny in a service control policy`;
    const detail = detailOf(new Error(message));
    expect(detail).toHaveLength(499);
    expect(detail).toMatch(/^User: x+…x+ with an explicit deny in a service control policy$/);
    expect(detailOf(new Error('y'.repeat(500)))).toBe('y'.repeat(500));
    expect(detailOf(new Error('\u202e'.repeat(400))).length).toBeLessThanOrEqual(500);
    // No pair of surrogates is cut in half.
    expect(detailOf(new Error('\u{1f600}'.repeat(600)))).toMatch(/^(\u{1f600})+…(\u{1f600})+$/u);
  });

  it('leaves out the advice of the SDK to programmers', () => {
    const advice =
      'Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.';
    expect(detailOf(new Error(`aborted\n  ${advice}`))).toBe('aborted');
  });
});

describe('credentials in an exception', () => {
  const TOKEN = 'IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQD/abc+def==';
  const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvcmcvMSJ9.c2lnbmF0dXJl';

  it.each([
    [
      'the signed headers of SignatureDoesNotMatch',
      `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:iam.amazonaws.com\nx-amz-security-token:${TOKEN}\n\nhost;x-amz-security-token\nabc'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n${TOKEN}'`,
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    [
      'the header of IncompleteSignature',
      `Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/iam/aws4_request, Signature=${TOKEN}`,
      "Authorization header requires 'Signature' parameter.",
    ],
    [
      'a web identity token',
      `Provided token ${JWT} is not valid`,
      'Provided token (token removed) is not valid',
    ],
    ['a session token with its name', `{"SessionToken":"${TOKEN}"}`, `{"SessionToken (removed)"}`],
    [
      'a secret key with its name',
      'SecretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'SecretAccessKey (removed)',
    ],
  ])('are removed: %s', (_, message, detail) => {
    expect(detailOf(new Error(message))).toBe(detail);
  });
});
