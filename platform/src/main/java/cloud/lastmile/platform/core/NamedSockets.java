package cloud.lastmile.platform.core;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Makes sockets that hold a server's certificate against its name, which the JDK's alone do not.
 */
final class NamedSockets extends SSLSocketFactory {
  private final SSLSocketFactory plain;
  private final String algorithm;

  NamedSockets(SSLSocketFactory plain, String algorithm) {
    this.plain = plain;
    this.algorithm = algorithm;
  }

  private Socket named(Socket socket) {
    SSLSocket secured = (SSLSocket) socket;
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(algorithm);
    secured.setSSLParameters(parameters);
    return secured;
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return plain.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return plain.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket() throws IOException {
    return named(plain.createSocket());
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return named(plain.createSocket(socket, host, port, autoClose));
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return named(plain.createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return named(plain.createSocket(host, port, from, fromPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return named(plain.createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return named(plain.createSocket(host, port, from, fromPort));
  }
}
