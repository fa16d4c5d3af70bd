package cloud.lastmile.image.record;

import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The projects that images are shared with. */
public final class MemberStore {
  public static final String PRIMARY_KEY = "member_pkey";

  /**
   * A project that an image is shared with.
   *
   * @param status {@code pending}, {@code accepted} or {@code rejected}
   */
  public record Member(
      UUID imageId, String memberId, String status, Instant createdAt, Instant updatedAt) {}

  public List<Member> list(Handle handle, UUID image) {
    return handle
        .createQuery(
            "SELECT * FROM image.member WHERE image_id = :image ORDER BY created_at, member_id")
        .bind("image", image)
        .map((row, _) -> read(row))
        .list();
  }

  public Optional<Member> find(Handle handle, UUID image, String member) {
    return handle
        .createQuery("SELECT * FROM image.member WHERE image_id = :image AND member_id = :member")
        .bind("image", image)
        .bind("member", member)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** Fails on {@link #PRIMARY_KEY} if it is a member already. */
  public Member insert(Handle handle, UUID image, String member) {
    return handle
        .createQuery(
            """
            INSERT INTO image.member (image_id, member_id, status)
            VALUES (:image, :member, 'pending') RETURNING *\
            """)
        .bind("image", image)
        .bind("member", member)
        .map((row, _) -> read(row))
        .one();
  }

  public Optional<Member> setStatus(Handle handle, UUID image, String member, String status) {
    return handle
        .createQuery(
            """
            UPDATE image.member SET status = :status, updated_at = now()
            WHERE image_id = :image AND member_id = :member RETURNING *\
            """)
        .bind("image", image)
        .bind("member", member)
        .bind("status", status)
        .map((row, _) -> read(row))
        .findOne();
  }

  public boolean delete(Handle handle, UUID image, String member) {
    return handle
            .createUpdate(
                "DELETE FROM image.member WHERE image_id = :image AND member_id = :member")
            .bind("image", image)
            .bind("member", member)
            .execute()
        == 1;
  }

  private static Member read(ResultSet row) throws SQLException {
    return new Member(
        row.getObject("image_id", UUID.class),
        row.getString("member_id"),
        row.getString("status"),
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"));
  }
}
