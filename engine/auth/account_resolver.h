#pragma once

#include "engine/base/result.h"
#include "engine/config/operator_options.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::auth {

/// Where the JWTs of accounts are found and, by some, kept. What it hands out is checked by who
/// asked; keys it is given are public account keys.
class AccountResolver {
public:
    using OnDone = std::function<void(Result<void>)>;
    /// Errors: NotFound (there is none), TimedOut, Unavailable, Io.
    using OnFetched = std::function<void(Result<std::string>)>;

    virtual ~AccountResolver() = default;

    /// What has to be there before it is asked. Called once; answers at any time.
    virtual void start(OnDone done) { done({}); }

    /// Answers once, also from within this call, and not at all when the resolver is gone.
    virtual void fetch(std::string const& key, OnFetched done) = 0;

    /// Keeps a JWT that was checked. False: it keeps none it was not asked for (yet).
    virtual void keep(std::string const& key, std::string const& jwt,
                      std::function<void(Result<bool>)> done) = 0;

    /// Whether it has a store of its own, to which accounts are added while the server runs.
    virtual bool keeps_on_disk() const { return false; }

    /// Whether it keeps all accounts, and so answers for them to others.
    virtual bool is_complete() const { return false; }

    /// What it keeps: keys in order. Only of those that are complete.
    virtual std::vector<std::string> keys() const { return {}; }

    /// SHA-256 of all JWTs it keeps, laid over each other: by it two servers see whether they keep
    /// the same.
    virtual std::string digest() const { return {}; }

    virtual bool may_delete() const { return false; }
    virtual void remove(std::string const& key, OnDone done) {
        (void)key;
        done(Error(Errc::Unavailable, "nothing is kept here"));
    }
};

/// JWTs out of the configuration; what is pushed is kept as long as the server runs.
class MemoryResolver final : public AccountResolver {
public:
    explicit MemoryResolver(std::vector<std::pair<std::string, std::string>> const& preload)
        : jwts_(preload.begin(), preload.end()) {}

    void fetch(std::string const& key, OnFetched done) override;
    void keep(std::string const& key, std::string const& jwt,
              std::function<void(Result<bool>)> done) override;

private:
    std::map<std::string, std::string> jwts_;
};

}  // namespace signalbox::auth
