#pragma once

#include <QDialog>
#include <QJsonObject>
#include <QList>

#include <functional>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace signalbox::gui {

class Theme;

/// A form whose fields make a document of settings, beside the request that will be sent and what
/// it brings about. Settings that no field has stay as they were.
class RequestDialog : public QDialog {
    Q_OBJECT

public:
    /// `before` empty: something new is made.
    RequestDialog(Theme const& theme, QString const& title, QJsonObject before, QWidget* parent);

    /// The settings as the fields have them now.
    QJsonObject settings() const;
    bool isNew() const { return before_.isEmpty(); }

protected:
    QJsonObject const& before() const { return before_; }
    Theme const& theme() const { return theme_; }

    QLineEdit* addText(QString const& key, QString const& label, QString const& tip = {});
    /// One in each line.
    QPlainTextEdit* addList(QString const& key, QString const& label, QString const& tip);
    QComboBox* addChoice(QString const& key, QString const& label,
                         QList<std::pair<QString, QString>> const& choices);
    /// A number or bytes with a unit; empty is `none`.
    QLineEdit* addAmount(QString const& key, QString const& label, QString const& tip,
                         qint64 none = -1);
    QLineEdit* addSpan(QString const& key, QString const& label, QString const& tip);
    QSpinBox* addNumber(QString const& key, QString const& label, int least, int most,
                        int otherwise);
    QCheckBox* addSwitch(QString const& key, QString const& label, QString const& tip);
    void addHeading(QString const& text);
    /// Once all fields are there; `verb` is on the button.
    void finishForm(QString const& verb);

    /// What is wrong with the settings; empty: nothing.
    virtual QString mistake(QJsonObject const& settings) const = 0;
    /// HTML about what they bring about.
    virtual QString consequences(QJsonObject const& settings) const = 0;
    /// The request as it will be sent: its subject and body.
    virtual std::pair<QString, QJsonObject> request(QJsonObject const& settings) const = 0;

    void showRequest();

private:
    /// Puts a field's value into the settings; false: it cannot be read.
    using Put = std::function<bool(QJsonObject&)>;
    struct Field {
        QString label;
        Put put;
        QWidget* widget = nullptr;
    };

    void add(QString const& label, QWidget* widget, Put put, QString const& tip);
    QJsonObject collect(QString& mistake) const;

    QJsonObject const before_;
    Theme const& theme_;
    QList<Field> fields_;
    QFormLayout* form_;
    QPlainTextEdit* preview_;
    QLabel* what_;
    QLabel* mistake_;
    QPushButton* go_;
};

}  // namespace signalbox::gui
