package cloud.lastmile.identity.federation;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What federation told the log, from now until it is closed. */
final class Told implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger(Told.class.getPackageName());
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  Told() {
    appender.start();
    logger.addAppender(appender);
  }

  List<String> lines() {
    return List.copyOf(appender.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
  }
}
