#include "engine/auth/directory_resolver.h"

#include "engine/base/text.h"
#include "engine/claims/token.h"
#include "engine/crypto/digest.h"
#include "engine/crypto/nkey.h"

#include <algorithm>
#include <string_view>

namespace signalbox::auth {
namespace {

constexpr std::string_view kSuffix = ".jwt";
constexpr unsigned kFileMode = 0600;
constexpr unsigned kDirectoryMode = 0700;

/// The account that a file is for; empty: it is none of ours.
std::string key_of_file(std::string_view name) {
    if (!name.ends_with(kSuffix)) {
        return {};
    }
    name.remove_suffix(kSuffix.size());
    return crypto::is_public_nkey(name, crypto::NkeyKind::Account) ? std::string(name)
                                                                   : std::string();
}

}  // namespace

DirectoryResolver::DirectoryResolver(World& world, config::ResolverOptions options,
                                     std::vector<std::pair<std::string, std::string>> preload,
                                     AskOthers ask_others)
    : world_(world),
      options_(std::move(options)),
      preload_(std::move(preload)),
      ask_others_(std::move(ask_others)) {}

DirectoryResolver::Entry DirectoryResolver::entry_of(std::string_view jwt) const {
    Instant const now = world_.clock().now();
    Result<claims::Token> const token = claims::decode(base::trim(jwt));
    return {.digest = crypto::sha256(jwt),
            .kept_at = now,
            .used_at = now,
            .expires = token.ok() ? token.value().expires : std::nullopt};
}

/// The reference drops expired accounts from what it lists and compares.
bool DirectoryResolver::is_told(Entry const& entry) const {
    return !entry.expires || world_.clock().wall_now() < *entry.expires;
}

/// A key was checked to be one, and so is a name without a way to anywhere else.
std::string DirectoryResolver::path_of(std::string const& key) const {
    return concat(options_.directory, "/", key, kSuffix);
}

std::int64_t DirectoryResolver::limit() const {
    return options_.limit > 0 || is_complete() ? options_.limit : kCacheLimit;
}

void DirectoryResolver::start(OnDone done) {
    world_.disk().make_directory(
        options_.directory, kDirectoryMode,
        [this, alive = alive_, done = std::move(done)](Result<void> const& made) {
            if (!*alive) {
                return;
            }
            if (!made.ok()) {
                done(made.error());
                return;
            }
            world_.disk().list_directory(
                options_.directory, [this, alive, done](Result<std::vector<std::string>> names) {
                    if (!*alive) {
                        return;
                    }
                    if (!names.ok()) {
                        done(names.error());
                        return;
                    }
                    auto keys = std::make_shared<std::vector<std::string>>();
                    for (std::string const& name : names.value()) {
                        if (std::string key = key_of_file(name); !key.empty()) {
                            keys->push_back(std::move(key));
                        }
                    }
                    read_files(std::move(keys), done);
                });
        });
}

/// From the last to the first, one after the other.
void DirectoryResolver::read_files(std::shared_ptr<std::vector<std::string>> keys, OnDone done) {
    if (keys->empty()) {
        store_preload(0, std::move(done));
        return;
    }
    std::string const key = keys->back();
    keys->pop_back();
    world_.disk().read_file(path_of(key), [this, alive = alive_, key, keys = std::move(keys),
                                           done = std::move(done)](Result<std::string> jwt) {
        if (!*alive) {
            return;
        }
        if (jwt.ok()) {
            entries_[key] = entry_of(jwt.value());
        }
        read_files(keys, done);
    });
}

void DirectoryResolver::store_preload(std::size_t next, OnDone done) {
    if (next >= preload_.size()) {
        done({});
        return;
    }
    auto const& [key, jwt] = preload_[next];
    // What is in the directory was pushed later than the configuration was written.
    if (entries_.contains(key)) {
        store_preload(next + 1, std::move(done));
        return;
    }
    write(key, jwt, [this, alive = alive_, next, done = std::move(done)](Result<void> written) {
        if (!*alive) {
            return;
        }
        if (!written.ok()) {
            done(std::move(written));
            return;
        }
        store_preload(next + 1, done);
    });
}

void DirectoryResolver::fetch(std::string const& key, OnFetched done) {
    auto const found = entries_.find(key);
    Instant const now = world_.clock().now();
    bool const is_fresh = found != entries_.end() && (options_.ttl <= Duration(0) ||
                                                      now - found->second.kept_at < options_.ttl);
    if (!is_fresh) {
        ask(key, std::move(done));
        return;
    }
    found->second.used_at = now;
    world_.disk().read_file(
        path_of(key), [this, alive = alive_, key, done = std::move(done)](Result<std::string> jwt) {
            if (!*alive) {
                return;
            }
            if (jwt.ok()) {
                done(std::string(base::trim(jwt.value())));
                return;
            }
            // Whoever took the file away may have meant it.
            entries_.erase(key);
            ask(key, done);
        });
}

void DirectoryResolver::ask(std::string const& key, OnFetched done) {
    ask_others_(
        key, [this, alive = alive_, key, done = std::move(done)](Result<std::string> const& jwt) {
            if (!*alive) {
                return;
            }
            if (!jwt.ok()) {
                done(jwt);
                return;
            }
            // A disk that does not take it makes it no less true.
            write(key, jwt.value(), [done, jwt](Result<void> const&) { done(jwt); });
        });
}

void DirectoryResolver::write(std::string const& key, std::string const& jwt, OnDone done) {
    entries_[key] = entry_of(jwt);
    make_room();
    std::string const path = path_of(key);
    world_.disk().write_file(
        path + ".new", jwt, kFileMode,
        [this, alive = alive_, path, done = std::move(done)](Result<void> const& written) {
            if (!*alive) {
                return;
            }
            if (!written.ok()) {
                done(written.error());
                return;
            }
            world_.disk().rename_file(path + ".new", path, done);
        });
}

/// A cache forgets what was not used for the longest time.
void DirectoryResolver::make_room() {
    if (is_complete()) {
        return;
    }
    while (static_cast<std::int64_t>(entries_.size()) > limit()) {
        auto const oldest = std::ranges::min_element(
            entries_, {}, [](auto const& entry) { return entry.second.used_at; });
        world_.disk().remove_file(path_of(oldest->first), [](Result<void> const&) {});
        entries_.erase(oldest);
    }
}

void DirectoryResolver::keep(std::string const& key, std::string const& jwt,
                             std::function<void(Result<bool>)> done) {
    bool const known = entries_.contains(key);
    if (!is_complete() && !known) {
        done(false);
        return;
    }
    bool const full = limit() > 0 && static_cast<std::int64_t>(entries_.size()) >= limit();
    if (is_complete() && !known && full) {
        done(Error(Errc::LimitExceeded, "no room for another account"));
        return;
    }
    write(key, jwt, [done = std::move(done)](Result<void> const& written) {
        done(written.ok() ? Result<bool>(true) : Result<bool>(written.error()));
    });
}

std::vector<std::string> DirectoryResolver::keys() const {
    std::vector<std::string> keys;
    for (auto const& [key, entry] : entries_) {
        if (is_told(entry)) {
            keys.push_back(key);
        }
    }
    return keys;
}

std::string DirectoryResolver::digest() const {
    std::string sum(32, '\0');
    for (auto const& [key, entry] : entries_) {
        for (std::size_t i = 0; i < sum.size() && is_told(entry); ++i) {
            sum[i] = static_cast<char>(sum[i] ^ entry.digest[i]);
        }
    }
    return sum;
}

void DirectoryResolver::remove(std::string const& key, OnDone done) {
    if (!options_.allow_delete) {
        done(Error(Errc::PermissionDenied, "delete must be enabled in server config"));
        return;
    }
    if (entries_.erase(key) == 0) {
        done(Error(Errc::NotFound, "there is no such account"));
        return;
    }
    std::string const path = path_of(key);
    if (options_.hard_delete) {
        world_.disk().remove_file(path, std::move(done));
        return;
    }
    world_.disk().rename_file(path, path + ".deleted", std::move(done));
}

}  // namespace signalbox::auth
