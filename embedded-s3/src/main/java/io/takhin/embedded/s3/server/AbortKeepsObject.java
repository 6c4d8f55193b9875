package io.takhin.embedded.s3.server;

import com.adobe.testing.s3mock.s3.model.BucketMetadata;
import com.adobe.testing.s3mock.s3.store.BucketStore;
import com.adobe.testing.s3mock.s3.store.MultipartStore;
import com.adobe.testing.s3mock.s3.store.ObjectStore;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Aborts a multipart upload without touching the object that stands at its key.
 *
 * <p>S3Mock takes the key out of the bucket with the upload, so the abort of a leftover upload
 * would remove an object that another upload had completed, which no S3 server does. Where an
 * object stands, the abort is therefore carried out here; everything else is left to S3Mock.
 */
@Component
class AbortKeepsObject extends OncePerRequestFilter {
  private final BucketStore buckets;
  private final ObjectStore objects;
  private final MultipartStore uploads;

  AbortKeepsObject(BucketStore buckets, ObjectStore objects, MultipartStore uploads) {
    this.buckets = buckets;
    this.objects = objects;
    this.uploads = uploads;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getMethod().equals("DELETE") || request.getParameter("uploadId") == null;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain next)
      throws ServletException, IOException {
    String[] bucketAndKey =
        URI.create(request.getRequestURI()).getPath().substring(1).split("/", 2);
    if (bucketAndKey.length == 2
        && aborted(bucketAndKey[0], bucketAndKey[1], request.getParameter("uploadId"))) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else {
      next.doFilter(request, response);
    }
  }

  private boolean aborted(String bucketName, String key, String uploadId) {
    UUID upload;
    BucketMetadata bucket;
    try {
      upload = UUID.fromString(uploadId);
      bucket = buckets.getBucketMetadata(bucketName);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return false; // No such upload or bucket: S3Mock words the refusal.
    }
    UUID object = bucket.getID(key);
    if (object == null
        || objects.getS3ObjectMetadata(bucket, object, null) == null
        || uploads.getMultipartUploadInfo(bucket, upload) == null) {
      return false;
    }
    uploads.abortMultipartUpload(bucket, upload);
    return true;
  }
}
