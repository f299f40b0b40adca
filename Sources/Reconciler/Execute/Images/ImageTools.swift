internal import Specs

/// What every step on an image of one run shares.
struct ImageTools: Sendable {
    var courier: any ImageCourier
}
