#include "engine/host/remote_login.h"

#include "engine/base/text.h"
#include "engine/claims/credentials_file.h"
#include "engine/crypto/key_pair.h"
#include "engine/tls/context.h"

#include <memory>
#include <utility>
#include <vector>

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

namespace {

/// The files of the options that are named, one after the other.
struct TrustReader {
    struct File {
        std::string what;
        std::string path;
        std::function<void(tls::Settings&, std::string)> put;
    };

    World& world;
    std::vector<File> files;
    tls::Settings settings;
    std::function<void(Result<tls::Settings>)> done;
};

void read_next(std::shared_ptr<TrustReader> const& reader) {
    if (reader->files.empty()) {
        auto const context = tls::Context::create(tls::Role::Client, reader->settings);
        reader->done(context.ok() ? Result<tls::Settings>(std::move(reader->settings))
                                  : Error(Errc::InvalidArgument, concat("what is used with TLS: ",
                                                                        context.error().detail())));
        return;
    }
    TrustReader::File const file = std::move(reader->files.back());
    reader->files.pop_back();
    reader->world.disk().read_file(file.path, [reader, file](Result<std::string> const& text) {
        if (!text.ok()) {
            reader->done(Error(text.error().code(),
                               concat(file.what, " in ", file.path, ": ", text.error().detail())));
            return;
        }
        file.put(reader->settings, text.value());
        read_next(reader);
    });
}

}  // namespace

void read_trust(World& world, RemoteOptions const& options,
                std::function<void(Result<tls::Settings>)> done) {
    auto const reader =
        std::make_shared<TrustReader>(TrustReader{.world = world,
                                                  .files = {},
                                                  .settings = {.verify = tls::Verify::Peer},
                                                  .done = std::move(done)});
    if (!options.authorities_file.empty()) {
        reader->files.push_back(
            {"the authorities", options.authorities_file,
             [](tls::Settings& to, std::string text) { to.ca_pem = std::move(text); }});
    }
    if (!options.certificate_file.empty()) {
        reader->settings.certificates.emplace_back();
        // One file may hold both.
        std::string const key =
            options.key_file.empty() ? options.certificate_file : options.key_file;
        reader->files.push_back(
            {"the certificate", options.certificate_file, [](tls::Settings& to, std::string text) {
                 to.certificates.front().cert_pem = std::move(text);
             }});
        reader->files.push_back(
            {"the certificate's key", key, [](tls::Settings& to, std::string text) {
                 to.certificates.front().key_pem = crypto::Secret(std::move(text));
             }});
    }
    world.turn().defer([reader] { read_next(reader); });
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
