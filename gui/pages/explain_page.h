#pragma once

#include "gui/models/account_list.h"
#include "gui/models/explain_lines.h"
#include "gui/pages/page.h"

#include <QElapsedTimer>

#include <optional>

class QComboBox;
class QLineEdit;
class QTextBrowser;

namespace signalbox::gui {

/// Why did it arrive, or not? For a subject, an account and an identity: who would receive a
/// message, by which way, and what stands in between. Asked anew while one looks at it; and what
/// became of a message that was really sent.
class ExplainPage : public Page {
    Q_OBJECT

public:
    explicit ExplainPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;

    void explain(QString const& subject);
    void focusSubject();
    /// Publishes an empty message as the one who is chosen, and shows its way.
    void sendOne();

private:
    /// Somebody who may publish.
    struct Identity {
        std::string account;
        std::string user;  ///< As messages are signed.
        bool has_rules = false;
    };

    void makeTools();
    QWidget* makeForm();
    void takeConfiguration();
    void addIdentity(QString const& name, Identity identity);
    void ask();
    void askAnew();
    void jobFinished(Job const& job);
    void showAnswer();
    void showState();

    QComboBox* who_ = nullptr;
    QLineEdit* subject_ = nullptr;
    QTextBrowser* answer_ = nullptr;
    QTextBrowser* trace_ = nullptr;
    QAction* copy_ = nullptr;
    QAction* send_ = nullptr;
    std::vector<Identity> identities_;
    std::optional<observe::Explanation> explanation_;
    QString shown_;  ///< What the answer says now, as text.
    JobToken asking_ = 0;
    JobToken sending_ = 0;
    QElapsedTimer sinceAsked_;
};

}  // namespace signalbox::gui
