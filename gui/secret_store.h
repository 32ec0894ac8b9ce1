#pragma once

#include <QHash>
#include <QObject>
#include <QString>

#include <functional>

namespace signalbox::gui {

/// Where passwords, tokens and seeds of profiles are kept: in the desktop's keyring where there is
/// one, else in a file that only this user can read.
///
/// Nothing waits: a keyring may ask its user first.
class SecretStore : public QObject {
    Q_OBJECT

public:
    enum class Wish {
        Keyring,  ///< When there is one.
        File,     ///< For settings that are carried elsewhere.
    };

    /// `folder` is where the file would be; empty: nothing is kept, only remembered until the end.
    SecretStore(QString folder, Wish wish, QObject* parent = nullptr);

    using OnLoaded = std::function<void(QString const&)>;

    /// Empty when there is none.
    void load(QString const& key, OnLoaded done);
    void save(QString const& key, QString const& secret);
    void remove(QString const& key);

    /// Where secrets go, as a sentence for people.
    QString place() const;

    QString filePath() const;

signals:
    /// `place` says something else now.
    void placeChanged();

private:
    enum class Place {
        Keyring,
        File,
        Memory,
    };
    void fallBack();
    QString loadFromFile(QString const& key) const;
    bool saveToFile(QString const& key, QString const& secret);

    QString folder_;
    Place place_;
    Wish wish_;
    QString trouble_;  ///< Why the file could not be written.
    QHash<QString, QString> memory_;
};

}  // namespace signalbox::gui
