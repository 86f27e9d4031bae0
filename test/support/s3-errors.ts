/** Errors as the endpoints of S3 send them. */

/** Of the REST endpoint: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3Error = (code: string, bucket = 'acme-oidc'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>The specified bucket does not exist</Message><BucketName>${bucket}</BucketName><RequestId>8N2XAMPLE</RequestId><HostId>x</HostId></Error>`;

/** Of the website endpoint, as a content delivery network passes it on. */
export const s3Page = (code: string, bucket = 'acme-oidc'): string =>
  `<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n<ul>\n<li>Code: ${code}</li>\n<li>Message: The specified bucket does not exist</li>\n<li>BucketName: ${bucket}</li>\n<li>RequestId: 8N2XAMPLE</li>\n<li>HostId: x</li>\n</ul>\n<hr/>\n</body>\n</html>\n`;
