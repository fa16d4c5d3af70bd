package cloud.lastmile.app.demo;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** From a running cloud to the output of a shell command inside a guest. */
public final class Demo {
  private static final Duration LOGIN_LIMIT = Duration.ofMinutes(5);
  private static final Duration ATTEMPT = Duration.ofSeconds(20);
  private static final String SHOWN =
      "echo \"I am $(hostname), $(uname -sr), up $(cut -d. -f1 /proc/uptime) s,\";"
          + " echo \"at $(ip -4 -o address show scope global | awk '{print $4}')\"";

  private final Steps steps = new Steps(System.out);
  private final NetworkNamespace namespace;
  private final Path keyFile;

  /**
   * @param namespace where floating IPs answer
   * @param keyFile where the demo keeps its private key
   */
  public Demo(NetworkNamespace namespace, Path keyFile) {
    this.namespace = namespace;
    this.keyFile = keyFile;
  }

  /**
   * Makes what is missing and shows the guest's answer.
   *
   * @return the guest's floating IP
   */
  public String run(String url, HttpClient http, String password, Path image) throws Exception {
    ApiClient api =
        steps.run("Log in through the identity API", () -> ApiClient.login(url, http, password));
    DemoResources demo = new DemoResources(api, keyFile);
    String imageId = steps.run("Upload the image", () -> demo.image(image));
    String network = steps.run("Make a network", demo::network);
    String subnet = steps.run("Make a subnet", () -> demo.subnet(network));
    steps.run("Make a router to the outside", () -> demo.router(subnet));
    String group = steps.run("Make a security group for SSH", demo::securityGroup);
    steps.run("Make a keypair", () -> done(demo::keypair));
    String server = steps.run("Make a server", () -> demo.server(imageId, network, group));
    steps.run("Wait until it is ACTIVE", () -> done(() -> demo.awaitActive(server)));
    String address = steps.run("Give it a floating IP", () -> demo.floatingIp(server));
    String answer = steps.run("Log in with SSH at " + address, () -> login(address));
    System.out.println();
    System.out.println("The guest says:");
    answer.lines().forEach(line -> System.out.println("    " + line));
    return address;
  }

  /** Removes what {@link #run} made; the cloud keeps running. */
  public void clean(String url, HttpClient http, String password) throws Exception {
    ApiClient api = ApiClient.login(url, http, password);
    steps.run("Remove what the demo made", () -> done(new DemoResources(api, keyFile)::clean));
  }

  /** Asks again until the guest has booted; a guest has no other way to say so. */
  private String login(String address) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LOGIN_LIMIT.toNanos();
    while (true) {
      try {
        return Commands.run(ssh(address, SHOWN), ATTEMPT);
      } catch (CommandException refused) {
        if (System.nanoTime() > deadline) {
          throw new IOException("the guest does not answer SSH: " + refused.getMessage(), refused);
        }
        Thread.sleep(200);
      }
    }
  }

  /** The command that logs in to the guest from this machine. */
  public List<String> ssh(String address, String... command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "ssh",
                "-i",
                keyFile.toString(),
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "LogLevel=ERROR",
                "-o",
                "ConnectTimeout=2",
                "-o",
                "BatchMode=yes",
                "cirros@" + address));
    words.addAll(List.of(command));
    return namespace.wrap(words);
  }

  private interface Action {
    void run() throws Exception;
  }

  private static Boolean done(Action action) throws Exception {
    action.run();
    return true;
  }
}
