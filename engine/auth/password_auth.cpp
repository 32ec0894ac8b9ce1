#include "engine/auth/password_auth.h"

#include "engine/account/account.h"
#include "engine/base/text.h"
#include "engine/crypto/bcrypt.h"

#include <algorithm>
#include <utility>

namespace signalbox::auth {
namespace {

Verdict refused() {
    return {};
}

Verdict admitted_as(std::string user, std::string label) {
    return {.admitted = true,
            .identity = {.account = account::kGlobalAccount,
                         .user = std::move(user),
                         .label = std::move(label)}};
}

/// A hash of no password: what an unknown user's password is compared with, so that the time taken
/// does not tell which names exist.
constexpr char kNobodysHash[] = "$2a$11$AAAAAAAAAAAAAAAAAAAAAOQyNzq8qfYOpGdJ0A7W1vL3nq0wX1d4K";

}  // namespace

void SecretCheck::compare(crypto::Secret const& given, crypto::Secret const& configured,
                          std::function<void(bool)> done) {
    if (!crypto::is_bcrypt(configured.reveal())) {
        done(given == configured);
        return;
    }
    struct Job {
        crypto::Secret given;
        std::string hash;
        bool same = false;
    };
    auto const job = std::make_shared<Job>(Job{given, std::string(configured.reveal())});
    auto const answer = std::make_shared<std::function<void(bool)>>(std::move(done));
    bool const accepted =
        workers_->run([job] { job->same = crypto::bcrypt_matches(job->given, job->hash); },
                      [job, answer] { (*answer)(job->same); });
    if (!accepted) {
        (*answer)(false);
    }
}

void PasswordAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    auto const user = std::ranges::find_if(
        users_, [&](config::User const& u) { return u.name == credentials.user; });
    bool const hashed = std::ranges::any_of(
        users_, [](config::User const& u) { return crypto::is_bcrypt(u.password.reveal()); });
    if (user == users_.end()) {
        if (!hashed) {
            done(refused());
            return;
        }
        check_.compare(credentials.password, crypto::Secret(kNobodysHash),
                       [done = std::move(done)](bool) { done(refused()); });
        return;
    }
    check_.compare(credentials.password, user->password,
                   [done = std::move(done), name = user->name](bool same) {
                       done(same ? admitted_as(name, concat("user:", name)) : refused());
                   });
}

void TokenAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    check_.compare(credentials.token, token_, [done = std::move(done)](bool same) {
        done(same ? admitted_as("[REDACTED]", "token") : refused());
    });
}

void OpenAuth::authenticate(Credentials const&, OnVerdict done) {
    done(admitted_as({}, {}));
}

std::unique_ptr<Authenticator> make_authenticator(world::Workers& workers,
                                                  config::Authorization const& authorization) {
    if (!authorization.token.empty()) {
        return std::make_unique<TokenAuth>(workers, authorization.token);
    }
    std::vector<config::User> users = authorization.users;
    if (!authorization.user.empty()) {
        users.push_back({.name = authorization.user, .password = authorization.password});
    }
    if (users.empty()) {
        return std::make_unique<OpenAuth>();
    }
    return std::make_unique<PasswordAuth>(workers, std::move(users));
}

}  // namespace signalbox::auth
