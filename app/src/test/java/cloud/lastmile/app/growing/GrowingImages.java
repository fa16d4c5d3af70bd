package cloud.lastmile.app.growing;

import cloud.lastmile.testing.Await;
import java.net.http.HttpRequest.BodyPublishers;

/** Images, their members, tags and tasks, and definitions of metadata. */
final class GrowingImages {
  private static final String NAMESPACES = "/image/v2/metadefs/namespaces";

  private final GrowingCloud cloud;

  GrowingImages(GrowingCloud cloud) {
    this.cloud = cloud;
    startImages();
    startMetadefs();
  }

  void grow() {
    growImages();
    growMetadefs();
  }

  private String image() {
    return cloud
        .post(
            "/image/v2/images",
            "{'name': 'grown', 'visibility': 'shared', 'disk_format': 'raw',"
                + " 'container_format': 'bare'}")
        .path("id")
        .asString();
  }

  private void startImages() {
    cloud.know("image_id", image());
    GrowingCloud.succeeded(
        cloud
            .admin()
            .exchange(
                "PUT",
                "/image/v2/images/" + cloud.id("image_id") + "/file",
                "application/octet-stream",
                BodyPublishers.ofByteArray(new byte[4096])),
        "upload");
  }

  private void growImages() {
    String path = "/image/v2/images/" + cloud.id("image_id");
    cloud.put(path + "/tags/tag-" + cloud.number(), "");
    cloud.post(path + "/members", "{'member': '%s'}", cloud.id("{new project}"));
    cloud.know("member_id", cloud.id("{new project}"));
    String imported = "/image/v2/images/" + image();
    GrowingCloud.succeeded(
        cloud
            .admin()
            .exchange(
                "PUT",
                imported + "/stage",
                "application/octet-stream",
                BodyPublishers.ofByteArray(new byte[4096])),
        "stage");
    cloud.post(imported + "/import", "{'method': {'name': 'glance-direct'}}");
    Await.until(
        "the image is imported",
        () -> cloud.admin().get(imported).json().path("status").asString().equals("active"));
    cloud.know("/image/v2/images/{image_id}/tasks image_id", imported.substring(17));
    cloud.know(
        "task_id", cloud.admin().get(imported + "/tasks").json().at("/tasks/0/id").asString());
  }

  private void startMetadefs() {
    cloud.know("namespace", "grown");
    String one = NAMESPACES + "/{namespace}/";
    cloud.know(one + "tags/{name}", "tag-1");
    cloud.post(NAMESPACES, "{'namespace': 'grown'}");
  }

  private void growMetadefs() {
    cloud.post(NAMESPACES, "{'namespace': 'grown-%d'}", cloud.number());
    String one = NAMESPACES + "/grown";
    cloud.post(
        one + "/objects",
        "{'name': 'grown-%d', 'required': [%s]}",
        cloud.number(),
        cloud.repeated("'p%d'"));
    cloud.post(
        one + "/properties",
        "{'name': 'grown-%d', 'title': 'Grown', 'type': 'string', 'enum': [%s]}",
        cloud.number(),
        cloud.repeated("'v%d'"));
    String parts = NAMESPACES + "/{namespace}/";
    cloud.know(parts + "objects/{name}", "grown-" + cloud.number());
    cloud.know(parts + "properties/{name}", "grown-" + cloud.number());
    cloud.post(one + "/resource_types", "{'name': 'grown-%d'}", cloud.number());
    cloud.post(one + "/tags/tag-" + cloud.number(), "{}");
  }
}
