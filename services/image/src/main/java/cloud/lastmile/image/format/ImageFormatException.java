package cloud.lastmile.image.format;

/** Why bytes are not accepted as an image. The message is for the user who sent them. */
public final class ImageFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  ImageFormatException(String message) {
    super(message);
  }
}
