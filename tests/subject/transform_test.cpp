#include "engine/subject/transform.h"

#include "engine/base/text.h"
#include "engine/sim/sim_entropy.h"

#include "tests/support/random_subject.h"
#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::subject {

namespace {

std::string transformed(char const* source, char const* destination, char const* subject) {
    auto const made = Transform::create(source, destination, TransformUse::Stream);
    if (!made.ok()) {
        return "error: " + made.error().detail();
    }
    sim::SimEntropy chance(1);
    return made.value().apply(PublishSubject::from_token(subject), chance).value_or("no match");
}

std::string refusal(char const* source, char const* destination, TransformUse use) {
    auto const made = Transform::create(source, destination, use);
    return made.ok() ? "accepted" : made.error().detail();
}

TransformUse use_of(QString const& name) {
    return name == "import"    ? TransformUse::Import
           : name == "mapping" ? TransformUse::Mapping
                               : TransformUse::Stream;
}

}  // namespace

/// One subject made of another.
class TransformTest : public QObject {
    Q_OBJECT

private slots:
    void subjects_come_out_as_the_reference_makes_them_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("destination");
        QTest::addColumn<QString>("subject");
        QTest::addColumn<QString>("expected");
        char const* const kRows[][4] = {
            {"", "prefix.>", "foo", "prefix.foo"},
            {"foo", "bar", "foo", "bar"},
            {"foo", "", "foo", "foo"},
            {"foo", "bar", "foo.x", "no match"},
            {"foo.*.bar.*.baz", "req.$2.$1", "foo.A.bar.B.baz", "req.B.A"},
            {"foo.*.bar.*.baz", "req.{{wildcard(2)}}.{{wildcard(1)}}", "foo.A.bar.B.baz",
             "req.B.A"},
            {"foo.*", "x.{{ Wildcard ( 1 ) }}", "foo.A", "x.A"},
            {"foo.*", "$x.$1", "foo.A", "$x.A"},
            {"foo.*", "foo-{{wildcard(1)}}", "foo.A", "foo-{{wildcard(1)}}"},
            {"baz.>", "my.pre.>", "baz.1.2.3", "my.pre.1.2.3"},
            {"*.>", "$1.x.>", "a.b.c", "a.x.b.c"},
            {"*", "foo.bar.$1", "foo", "foo.bar.foo"},
            {"*", "{{splitfromleft(1,3)}}", "12345", "123.45"},
            {"*", "{{SplitFromRight(1,3)}}", "12345", "12.345"},
            {"*", "{{SplitFromLeft(1,0)}}", "12345", "12345"},
            {"*", "{{SplitFromLeft(1,-1)}}", "12345", "12345"},
            {"*", "{{SplitFromLeft(1,5)}}", "12345", "12345"},
            {"*", "{{SplitFromLeft(1,4)}}", "12345", "1234.5"},
            {"*", "{{SliceFromLeft(1,3)}}", "1234567890", "123.456.789.0"},
            {"*", "{{SliceFromRight(1,3)}}", "1234567890", "1.234.567.890"},
            {"*", "{{sliceFromRight(1,5)}}", "1234567890", "12345.67890"},
            {"*", "{{split(1,-)}}", "-abc-def--ghi-", "abc.def.ghi"},
            {"*", "{{split(1, ab)}}", "1ab2ab3", "1.2.3"},
            {"*.*", "{{split(2,-)}}.{{splitfromleft(1,2)}}", "foo.-abc-def--ghij-",
             "abc.def.ghij.fo.o"},
            {"*", "{{right(1,3)}}", "1234", "234"},
            {"*", "{{right(1,6)}}", "1234", "1234"},
            {"*", "{{left(1,1)}}", "1234", "1"},
            {"*", "{{left(1,6)}}", "1234", "1234"},
            {"*", "bar.{{partition(10)}}", "foo", "bar.3"},
            {"*", "bar.{{partition(10)}}", "baz", "bar.0"},
            {"*", "bar.{{partition(10)}}", "qux", "bar.9"},
            {"*.*", "bar.{{partition(10)}}", "foo.bar", "bar.6"},
            {"*", "bar.{{partition(10, 0)}}", "foo", "bar.3"},
            {"*", "bar.{{partition(0)}}", "baz", "bar.0"},
            {"*", "bar.{{random(0)}}", "baz", "bar.0"},
            {"foo.bar", "baz.{{partition(10)}}", "foo.bar", "baz.6"},
            {"foo.baz", "qux.{{partition(10)}}", "foo.baz", "qux.4"},
            {"test.subject", "result.{{partition(5)}}", "test.subject", "result.0"},
            // Several tokens are hashed without anything between them.
            {"*.*", "{{partition(1000000,1,2)}}.{{partition(1000000,2,1)}}", "ab.c",
             "920331.259185"},
            {"*.*", "{{partition(1000000,1,2)}}", "a.bc", "920331"},
        };
        int number = 0;
        for (auto const& row : kRows) {
            QTest::addRow("%d %s -> %s", ++number, row[0], row[1])
                << row[0] << row[1] << row[2] << row[3];
        }
    }
    void subjects_come_out_as_the_reference_makes_them() {
        QFETCH(QString, source);
        QFETCH(QString, destination);
        QFETCH(QString, subject);
        QFETCH(QString, expected);
        QCOMPARE(transformed(source.toUtf8(), destination.toUtf8(), subject.toUtf8()),
                 expected.toStdString());
    }

    void what_cannot_be_used_is_refused_in_the_reference_s_words_data() {
        QTest::addColumn<QString>("use");
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("destination");
        QTest::addColumn<QString>("expected");
        char const* const kRows[][4] = {
            {"stream", "foo..", "bar", "invalid subject"},
            {"stream", "foo.>.x", "bar", "invalid subject"},
            {"stream", "foo.*", "bar.*", "invalid subject"},
            {"stream", "foo.*", "bar.$1.>", "invalid subject"},
            {"stream", "foo.>", "bar.baz", "invalid subject"},
            {"stream", "foo.*", "bar..x", "invalid subject"},
            {"stream", "foo.*", "bar.$2",
             "invalid mapping destination: wildcard index out of range in $2: [2]"},
            {"stream", "foo.*", "foo.{{unimplemented(1)}}",
             "invalid mapping destination: unknown function in {{unimplemented(1)}}"},
            {"stream", "foo.*", "foo.{{SPLIT(1,-)}}",
             "invalid mapping destination: unknown function in {{SPLIT(1,-)}}"},
            {"stream", "foo.*", "foo.{{partition()}}",
             "invalid mapping destination: not enough arguments passed to the function in "
             "{{partition()}}"},
            {"stream", "foo.*", "foo.{{random()}}",
             "invalid mapping destination: function argument is invalid or in the wrong format in "
             "{{random()}}"},
            {"stream", "foo.*", "foo.{{left(1)}}",
             "invalid mapping destination: not enough arguments passed to the function in "
             "{{left(1)}}"},
            {"stream", "foo.*", "foo.{{wildcard(foo)}}",
             "invalid mapping destination: function argument is invalid or in the wrong format in "
             "{{wildcard(foo)}}"},
            {"stream", "foo.*", "foo.{{wildcard()}}",
             "invalid mapping destination: not enough arguments passed to the function in "
             "{{wildcard()}}"},
            {"stream", "foo.*", "foo.{{wildcard(1,2)}}",
             "invalid mapping destination: too many arguments passed to the function in "
             "{{wildcard(1,2)}}"},
            {"stream", "foo.*", "foo.{{ wildcard5) }}",
             "invalid mapping destination: unknown function in {{ wildcard5) }}"},
            {"stream", "foo.*", "foo.{{split(1,- )}}",
             "invalid mapping destination: function argument is invalid or in the wrong format in "
             "{{split(1,- )}}"},
            {"stream", "foo.*", "{{partition(2147483648)}}",
             "invalid mapping destination: function argument is invalid or in the wrong format in "
             "{{partition(2147483648)}}"},
            {"stream", "foo.*", "{{random(2147483648)}}",
             "invalid mapping destination: function argument is invalid or in the wrong format in "
             "{{random(2147483648)}}"},
            {"stream", "foo", "bla.{{wildcard(1)}}",
             "invalid mapping destination: wildcard index out of range in {{wildcard(1)}}"},
            {"mapping", "foo.*", "{{left(1,1)}}", "accepted"},
            {"mapping", "foo.*", "b.$0", "accepted"},
            {"mapping", "foo.*", "b.{{}}", "accepted"},
            {"mapping", "foo.*", "b.{{wildcard(-1)}}", "accepted"},
            {"mapping", "foo.*", "b.{{partition(-1,1)}}", "accepted"},
            {"mapping", "foo.*", "b.{{wildcard(1)x}}",
             "invalid mapping destination: unknown function in {{wildcard(1)x}}"},
            {"mapping", "foo.*", "b.>", "invalid subject"},
            {"mapping", "foo.*", "x y", "invalid mapping destination: invalid transform"},
            {"mapping", "foo.*", "x..y", "invalid mapping destination: invalid transform"},
            {"mapping", "foo.*.*", "bar.$2", "accepted"},
            {"mapping", "foo.*", "bar.{{ partition(10, 1) }}", "accepted"},
            {"import", "foo.*.*", "bar.$2",
             "invalid mapping destination: not using all of the token wildcard(s) in bar.$2"},
            {"import", "foo.*", "foo.$foo",
             "invalid mapping destination: not using all of the token wildcard(s) in foo.$foo"},
            {"import", "foo.*", "bar.{{Partition(2,1)}}",
             "invalid mapping destination: the only mapping function allowed for import transforms "
             "is {{Wildcard()}} in {{Partition(2,1)}}"},
            {"import", "foo.*.*", "bar.$2.$1", "accepted"},
        };
        int number = 0;
        for (auto const& row : kRows) {
            QTest::addRow("%d %s -> %s", ++number, row[1], row[2])
                << row[0] << row[1] << row[2] << row[3];
        }
    }
    void what_cannot_be_used_is_refused_in_the_reference_s_words() {
        QFETCH(QString, use);
        QFETCH(QString, source);
        QFETCH(QString, destination);
        QFETCH(QString, expected);
        QCOMPARE(refusal(source.toUtf8(), destination.toUtf8(), use_of(use)),
                 expected.toStdString());
    }

    void random_numbers_are_below_their_bound_and_all_of_them_come() {
        auto const made = Transform::create("a", "b.{{random(4)}}", TransformUse::Stream);
        QVERIFY(made.value().is_random());
        sim::SimEntropy chance(7);
        std::set<std::string> seen;
        for (int i = 0; i < 200; ++i) {
            seen.insert(*made.value().apply(PublishSubject::from_token("a"), chance));
        }
        QVERIFY((seen == std::set<std::string>{"b.0", "b.1", "b.2", "b.3"}));
    }

    // Whatever the filter, numbering its wildcards makes the transform that changes nothing.
    void numbered_wildcards_leave_each_subject_as_it_is() {
        constexpr std::uint64_t kSeed = 20;
        support::RandomSubjects random(kSeed);
        sim::SimEntropy chance(kSeed);
        int matched = 0;
        for (int i = 0; i < 20'000; ++i) {
            std::string const filter = random.filter();
            std::string const subject = random.subject();
            auto const made =
                Transform::create(filter, with_numbered_wildcards(filter), TransformUse::Import);
            QVERIFY2(made.ok(), filter.c_str());
            auto const out = made.value().apply(PublishSubject::from_token(subject), chance);
            QCOMPARE(out.has_value(), support::plainly_matches(filter, subject));
            if (out) {
                ++matched;
                QCOMPARE(*out, subject);
            }
        }
        QVERIFY(matched > 500);
    }
};
SIGNALBOX_TEST(TransformTest);

}  // namespace signalbox::subject

#include "transform_test.moc"
