#include "gui/profile_store.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <utility>

namespace signalbox::gui {

namespace {

constexpr char kKey[] = "remote/profiles";

QString loginKey(RemoteProfile const& profile) {
    return profile.id;
}

QString systemKey(RemoteProfile const& profile) {
    return profile.id + QStringLiteral("/system");
}

}  // namespace

ProfileStore::ProfileStore(ApplicationSettings& settings, QObject* parent)
    : QObject(parent),
      settings_(settings),
      secrets_(settings.folder(),
               settings.isPortable() ? SecretStore::Wish::File : SecretStore::Wish::Keyring) {
    QByteArray const text = settings_.value(QLatin1String(kKey)).toByteArray();
    for (QJsonValue const& one : QJsonDocument::fromJson(text).array()) {
        RemoteProfile profile = profileFromJson(one.toObject());
        if (!profile.id.isEmpty()) {
            profiles_.append(std::move(profile));
        }
    }
}

void ProfileStore::save(RemoteProfile const& profile) {
    auto const found = std::ranges::find(profiles_, profile.id, &RemoteProfile::id);
    RemoteProfile kept = profile;
    kept.login.secret.clear();
    kept.systemLogin.secret.clear();
    if (found == profiles_.end()) {
        profiles_.prepend(std::move(kept));
    } else {
        *found = std::move(kept);
    }
    secrets_.save(loginKey(profile), profile.login.hasSecret() ? profile.login.secret : QString());
    bool const system = profile.hasSystemLogin && profile.systemLogin.hasSecret();
    secrets_.save(systemKey(profile), system ? profile.systemLogin.secret : QString());
    keep();
}

void ProfileStore::remove(QString const& id) {
    auto const found = std::ranges::find(profiles_, id, &RemoteProfile::id);
    if (found == profiles_.end()) {
        return;
    }
    secrets_.remove(loginKey(*found));
    secrets_.remove(systemKey(*found));
    profiles_.erase(found);
    keep();
}

void ProfileStore::used(QString const& id) {
    auto const found = std::ranges::find(profiles_, id, &RemoteProfile::id);
    if (found != profiles_.end()) {
        std::rotate(profiles_.begin(), found, found + 1);
        keep();
    }
}

void ProfileStore::withSecrets(RemoteProfile profile,
                               std::function<void(RemoteProfile const&)> done) {
    auto const next = [this, done = std::move(done)](RemoteProfile with) {
        if (!with.hasSystemLogin || !with.systemLogin.hasSecret()) {
            done(with);
            return;
        }
        QString const key = systemKey(with);
        secrets_.load(key, [with, done](QString const& secret) mutable {
            with.systemLogin.secret = secret;
            done(with);
        });
    };
    if (!profile.login.hasSecret()) {
        next(std::move(profile));
        return;
    }
    QString const key = loginKey(profile);
    secrets_.load(key, [profile = std::move(profile), next](QString const& secret) mutable {
        profile.login.secret = secret;
        next(profile);
    });
}

void ProfileStore::keep() {
    QJsonArray all;
    for (RemoteProfile const& profile : profiles_) {
        all.append(profileToJson(profile));
    }
    settings_.setValue(QLatin1String(kKey), QJsonDocument(all).toJson(QJsonDocument::Compact));
    emit changed();
}

}  // namespace signalbox::gui
