#include "gui/secret_store.h"

#include <QDir>
#include <QFile>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#ifdef SIGNALBOX_KEYCHAIN
#include <qt6keychain/keychain.h>
#endif

#include <utility>

namespace signalbox::gui {

namespace {

constexpr QFileDevice::Permissions kOwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

#ifdef SIGNALBOX_KEYCHAIN
QString service() {
    return QStringLiteral("signalbox");
}
#endif

}  // namespace

SecretStore::SecretStore(QString folder, Wish wish, QObject* parent)
    : QObject(parent), folder_(std::move(folder)), place_(Place::File), wish_(wish) {
#ifdef SIGNALBOX_KEYCHAIN
    if (wish == Wish::Keyring) {
        place_ = Place::Keyring;
    }
#endif
    if (folder_.isEmpty()) {
        place_ = Place::Memory;
    }
}

QString SecretStore::filePath() const {
    return QDir(folder_).filePath(QStringLiteral("secrets.json"));
}

QString SecretStore::place() const {
    switch (place_) {
        case Place::Keyring:
            return tr("Secrets are kept in the keyring of this desktop.");
        case Place::File:
            if (!trouble_.isEmpty()) {
                return tr("Secrets are not kept: %1").arg(trouble_);
            }
            return (wish_ == Wish::Keyring
                        ? tr("There is no keyring here: secrets are kept in %1, in the clear, "
                             "which only you can read (mode 0600).")
                        : tr("Secrets are kept in %1, in the clear, which only you can read (mode "
                             "0600)."))
                .arg(filePath());
        case Place::Memory:
            return tr("Secrets are forgotten when the program ends.");
    }
    return {};
}

void SecretStore::fallBack() {
    if (place_ == Place::Keyring) {
        place_ = Place::File;
        emit placeChanged();
    }
}

void SecretStore::load(QString const& key, OnLoaded done) {
    if (place_ == Place::Memory) {
        done(memory_.value(key));
        return;
    }
#ifdef SIGNALBOX_KEYCHAIN
    if (place_ == Place::Keyring) {
        auto* const job = new QKeychain::ReadPasswordJob(service(), this);
        job->setKey(key);
        connect(job, &QKeychain::Job::finished, this, [this, key, job, done](QKeychain::Job*) {
            if (job->error() == QKeychain::NoError) {
                done(job->textData());
                return;
            }
            if (job->error() != QKeychain::EntryNotFound) {
                fallBack();
            }
            done(loadFromFile(key));
        });
        job->start();
        return;
    }
#endif
    done(loadFromFile(key));
}

void SecretStore::save(QString const& key, QString const& secret) {
    if (secret.isEmpty()) {
        remove(key);
        return;
    }
    if (place_ == Place::Memory) {
        memory_.insert(key, secret);
        return;
    }
#ifdef SIGNALBOX_KEYCHAIN
    if (place_ == Place::Keyring) {
        auto* const job = new QKeychain::WritePasswordJob(service(), this);
        job->setKey(key);
        job->setTextData(secret);
        connect(job, &QKeychain::Job::finished, this,
                [this, key, secret](QKeychain::Job* finished) {
                    if (finished->error() != QKeychain::NoError) {
                        fallBack();
                        saveToFile(key, secret);
                    }
                });
        job->start();
        return;
    }
#endif
    saveToFile(key, secret);
}

void SecretStore::remove(QString const& key) {
    memory_.remove(key);
    if (place_ == Place::Memory) {
        return;
    }
#ifdef SIGNALBOX_KEYCHAIN
    if (place_ == Place::Keyring) {
        auto* const job = new QKeychain::DeletePasswordJob(service(), this);
        job->setKey(key);
        job->start();
    }
#endif
    if (!loadFromFile(key).isEmpty()) {
        saveToFile(key, {});
    }
}

QString SecretStore::loadFromFile(QString const& key) const {
    QFile file(filePath());
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QJsonDocument::fromJson(file.readAll()).object().value(key).toString();
}

bool SecretStore::saveToFile(QString const& key, QString const& secret) {
    QDir().mkpath(folder_);
    QJsonObject all;
    if (QFile old(filePath()); old.open(QIODevice::ReadOnly)) {
        all = QJsonDocument::fromJson(old.readAll()).object();
    }
    if (secret.isEmpty()) {
        all.remove(key);
    } else {
        all.insert(key, secret);
    }
    QSaveFile file(filePath());
    // The mode before the content, so that at no time another could read it.
    bool const ok = file.open(QIODevice::WriteOnly) && file.setPermissions(kOwnerOnly) &&
                    file.write(QJsonDocument(all).toJson()) >= 0 && file.commit();
    trouble_ = ok ? QString() : file.errorString();
    emit placeChanged();
    return ok;
}

}  // namespace signalbox::gui
