#include "engine/host/remote_login.h"

#include "engine/base/text.h"
#include "engine/claims/credentials_file.h"
#include "engine/crypto/key_pair.h"
#include "engine/tls/context.h"

#include <utility>

namespace signalbox::host {

namespace {

using OnReady = std::function<void(Result<client::ClientOptions>)>;

Result<client::ClientOptions> with_credentials(client::ClientOptions options,
                                               std::string const& path, std::string const& text) {
    Result<claims::CredentialsFile> read = claims::parse_credentials(text);
    if (!read.ok()) {
        return Error(Errc::Malformed,
                     concat("the credentials file ", path, ": ", read.error().detail()));
    }
    options.jwt = std::move(read.value().jwt);
    options.nkey_seed = std::move(read.value().seed);
    return options;
}

}  // namespace

void read_authorities(World& world, std::string const& path,
                      std::function<void(Result<tls::Settings>)> done) {
    tls::Settings settings{.verify = tls::Verify::Peer};
    if (path.empty()) {
        world.turn().defer([settings, done = std::move(done)] { done(settings); });
        return;
    }
    world.disk().read_file(path, [settings, path,
                                  done = std::move(done)](Result<std::string> const& text) mutable {
        if (!text.ok()) {
            done(Error(text.error().code(),
                       concat("the authorities in ", path, ": ", text.error().detail())));
            return;
        }
        settings.ca_pem = text.value();
        auto const context = tls::Context::create(tls::Role::Client, settings);
        done(context.ok() ? Result<tls::Settings>(std::move(settings))
                          : Error(Errc::InvalidArgument, concat("the authorities in ", path, ": ",
                                                                context.error().detail())));
    });
}

void log_in_as(World& world, RemoteIdentity const& identity, client::ClientOptions options,
               OnReady done) {
    options.user = identity.user;
    options.password = identity.password;
    options.token = identity.token;
    options.nkey_seed = identity.nkey_seed;
    if (!identity.credentials_file.empty()) {
        std::string const path = identity.credentials_file;
        world.disk().read_file(path, [path, options = std::move(options),
                                      done = std::move(done)](Result<std::string> const& text) {
            if (text.ok()) {
                done(with_credentials(options, path, text.value()));
            } else {
                done(Error(text.error().code(),
                           concat("the credentials file ", path, ": ", text.error().detail())));
            }
        });
        return;
    }
    bool const no_seed = !identity.nkey_seed.empty() &&
                         !crypto::KeyPair::from_seed(identity.nkey_seed.reveal()).ok();
    Result<client::ClientOptions> ready = std::move(options);
    if (no_seed) {
        ready = Error(Errc::Malformed, "what was given as the seed of an nkey is none");
    }
    world.turn().defer([ready = std::move(ready), done = std::move(done)] { done(ready); });
}

}  // namespace signalbox::host
