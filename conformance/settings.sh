# Makes what Tempest wants to find in a cloud and writes tempest.conf. Sourced by run.
# shellcheck shell=bash disable=SC2154
image=$(make_image guest)
image_alt=$(make_image guest-alt)
flavor=$(os flavor create --ram 192 --disk 1 --vcpus 1 tempest.nano -f value -c id)
flavor_alt=$(os flavor create --ram 256 --disk 1 --vcpus 1 tempest.micro -f value -c id)
public_network=$(os network show public -f value -c id)
extensions=$(os extension list --network -f value -c Alias | sort | paste -sd, -)

configure() {
  sed -e "s|@WORK@|$work/tempest|" -e "s|@AUTH_URL@|$OS_AUTH_URL|" \
    -e "s|@ADMIN_PASSWORD@|$OS_PASSWORD|" \
    -e "s|@IMAGE@|$image|" -e "s|@IMAGE_ALT@|$image_alt|" \
    -e "s|@FLAVOR@|$flavor|" -e "s|@FLAVOR_ALT@|$flavor_alt|" \
    -e "s|@PUBLIC_NETWORK@|$public_network|" -e "s|@EXTENSIONS@|$extensions|" \
    -e "s|@VALIDATION@|$1|" \
    "$here/tempest.conf.in"
}
configure "$validation" >"$work/tempest/tempest.conf"
configure true >"$work/tempest/tempest-logs-in.conf"
